import { storeContract } from '../contract/suite.ts'
import { comparesUtf16, describeOnMongodb, openContractStore } from './server.ts'

/** What the stand-in cannot do: it sorts texts by UTF-16 units. On a real server nothing is skipped. */
const byteOrder = /in UTF-8 byte order of id|in id order, of one space or of all/

describeOnMongodb('MongoDB', () => {
  let isStandIn = false
  before(async () => {
    isStandIn = await comparesUtf16()
  })
  beforeEach(function () {
    if (isStandIn && byteOrder.test(this.currentTest?.title ?? '')) this.skip()
  })
  storeContract('mongodb', openContractStore)
})
