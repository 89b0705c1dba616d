/** The attribute kinds of NGSI-LD and the member that carries each one's value (ETSI GS CIM 009 V1.9.1, clause 4.5). */
export const attributeKinds = {
  Property: { member: 'value', previous: 'previousValue', temporalValues: 'values' },
  GeoProperty: { member: 'value', previous: 'previousValue', temporalValues: 'values' },
  LanguageProperty: { member: 'languageMap', previous: 'previousLanguageMap', temporalValues: 'languageMaps' },
  VocabProperty: { member: 'vocab', previous: 'previousVocab', temporalValues: 'vocabs' },
  JsonProperty: { member: 'json', previous: 'previousJson', temporalValues: 'jsons' },
  ListProperty: { member: 'valueList', previous: 'previousValueList', temporalValues: 'valueLists' },
  Relationship: { member: 'object', previous: 'previousObject', temporalValues: 'objects' },
  ListRelationship: { member: 'objectList', previous: 'previousObjectList', temporalValues: 'objectLists' },
} as const

export type AttributeKind = keyof typeof attributeKinds
export type ValueMember = (typeof attributeKinds)[AttributeKind]['member']

/** True when a `type` names an attribute kind. */
export function isAttributeKind(type: unknown): type is AttributeKind {
  return typeof type === 'string' && Object.hasOwn(attributeKinds, type)
}

/** Value members; where one is present, it names the kind (`value` may also be a GeoProperty's). */
export const valueMembers: ReadonlyMap<string, AttributeKind> = new Map([
  ['value', 'Property'],
  ['object', 'Relationship'],
  ['languageMap', 'LanguageProperty'],
  ['vocab', 'VocabProperty'],
  ['json', 'JsonProperty'],
  ['valueList', 'ListProperty'],
  ['objectList', 'ListRelationship'],
])

/** The member that carries the value of a kind. */
export function valueMemberOf(kind: AttributeKind): ValueMember {
  return attributeKinds[kind].member
}
