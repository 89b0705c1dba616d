/** Deletes what it stands for, in fragments; elsewhere it is refused (ETSI GS CIM 009 V1.9.1, clauses 4.5.0, 5.5.4). */
export const NGSI_NULL = 'urn:ngsi-ld:null'
