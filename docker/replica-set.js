// For mongosh: makes the replica set of compose.yaml once, and waits until it takes writes.
const members = ['mongodb-1', 'mongodb-2', 'mongodb-3'].map((name, _id) => ({ _id, host: `${name}:27017` }))
const deadline = Date.now() + 60_000

try {
  rs.status()
} catch {
  rs.initiate({ _id: 'estran', members })
}
// After a restart the node asked here may be a secondary: what counts is that somebody is primary.
while (!db.hello().primary) {
  if (Date.now() > deadline) {
    print('the replica set has no primary after 60 s')
    quit(1)
  }
  sleep(500)
}
