import { storeContract } from '../contract/suite.ts'
import { openTestStore } from './support.ts'

storeContract('SQLite', openTestStore)
