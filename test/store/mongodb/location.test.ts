import { expect } from 'chai'
import { databaseOf, redact } from '../../../src/store/mongodb/location.ts'

describe('the place of a MongoDB', () => {
  const cases = [
    ['mongodb://127.0.0.1:27017', 'mongodb://127.0.0.1:27017', 'estran'],
    ['mongodb://127.0.0.1/', 'mongodb://127.0.0.1/', 'estran'],
    ['mongodb://u:p%40w@a:1,b:2/tides?replicaSet=rs', 'mongodb://a:1,b:2/tides', 'tides'],
    [
      'mongodb+srv://u:pw@cluster.example/?tlsCertificateKeyFilePassword=pw',
      'mongodb+srv://cluster.example/',
      'estran',
    ],
    ['mongodb://u:p/w@d?x@host:1/tides', 'mongodb://host:1/tides', undefined],
    ['http://u:pw@host', 'a text that is no mongodb:// URL', 'estran'],
  ] as const
  for (const [url, shown, database] of cases) {
    it(`is shown without secrets: ${shown}`, () => {
      expect(redact(url)).to.equal(shown)
      if (database !== undefined) expect(databaseOf(url)).to.equal(database)
    })
  }
})
