/** The tables, as a list of forward migrations; PRAGMA user_version counts those that were run. */
import type { DatabaseSync } from 'node:sqlite'

/**
 * Every key begins with a space, by its number. Types are numbers too: their IRIs are long and few.
 *
 * - `entity`: a deleted one stays as a tombstone (text null), so that its versions never repeat. `types` and `boxes` say
 *   what `entity_type` and `geo` hold of it: a write touches those only where that changes.
 * - `geo`: an R*Tree over boxes; its id is the entity's num times 64 plus the number of the box. A space is half a unit wide:
 *   the tree keeps the volumes of its boxes small, and without an extent all of them would be 0 and the tree useless.
 * - `facet`: the counters of `facets.ts`.
 * - `log`: one row per change, appended; `due`: what the outbox owes of it, removed when settled.
 */
const first = `
CREATE TABLE space (num INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO space (num, name) VALUES (1, '');

CREATE TABLE type (num INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE entity (
  num INTEGER PRIMARY KEY, space INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
  expires TEXT, types TEXT NOT NULL, boxes TEXT NOT NULL, times TEXT NOT NULL, text TEXT,
  UNIQUE (space, id)
);
CREATE INDEX entity_expires ON entity (expires) WHERE expires IS NOT NULL;

CREATE TABLE entity_type (
  space INTEGER NOT NULL, type INTEGER NOT NULL, id TEXT NOT NULL, entity INTEGER NOT NULL,
  PRIMARY KEY (space, type, id)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE geo USING rtree (id, space_from, space_to, west, east, south, north);

CREATE TABLE log (seq INTEGER PRIMARY KEY, entity INTEGER NOT NULL, version INTEGER NOT NULL, record TEXT NOT NULL);
CREATE UNIQUE INDEX log_entity ON log (entity, version);

CREATE TABLE due (
  space INTEGER NOT NULL, subscription TEXT NOT NULL, seq INTEGER NOT NULL, notification TEXT NOT NULL,
  PRIMARY KEY (space, subscription, seq)
) WITHOUT ROWID;

CREATE TABLE dead_letter (
  num INTEGER PRIMARY KEY, space INTEGER NOT NULL, subscription TEXT NOT NULL, seq INTEGER NOT NULL,
  notification TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL, at TEXT NOT NULL
);
CREATE INDEX dead_letter_space ON dead_letter (space, num);

CREATE TABLE document (
  kind TEXT NOT NULL, space INTEGER NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, space, id)
) WITHOUT ROWID;
`

/** The counters, filled from the entities that are there: a type is an entity's first one where it begins the list of its types. */
const facets = `
CREATE TABLE facet (
  space INTEGER NOT NULL, type INTEGER NOT NULL, attribute TEXT NOT NULL, kind TEXT NOT NULL,
  entities INTEGER NOT NULL, instances INTEGER NOT NULL,
  PRIMARY KEY (space, type, attribute, kind)
) WITHOUT ROWID;
CREATE INDEX facet_attribute ON facet (space, attribute);

INSERT INTO facet SELECT space, type, '', '', count(*), 0 FROM entity_type GROUP BY space, type;

INSERT INTO facet
  SELECT t.space, t.type, a.key, i.value ->> '$.type',
    count(DISTINCT e.num), count(*) FILTER (WHERE t.type = CAST(e.types AS INTEGER))
  FROM entity_type t
    JOIN entity e ON e.num = t.entity
    JOIN json_each(e.text) a ON a.key NOT IN ('id', 'type', 'scope', 'expiresAt')
    JOIN json_each(CASE a.type WHEN 'array' THEN a.value ELSE json_array(json(a.value)) END) i
  GROUP BY t.space, t.type, a.key, i.value ->> '$.type';
`

/** The R*Tree built again, its spaces half a unit wide. */
const volumes = `
CREATE VIRTUAL TABLE geo_with_volume USING rtree (id, space_from, space_to, west, east, south, north);
INSERT INTO geo_with_volume SELECT id, space_from, space_from + 0.5, west, east, south, north FROM geo;
DROP TABLE geo;
ALTER TABLE geo_with_volume RENAME TO geo;
`

/**
 * What subscriptions were ever owed: beside `due`, which forgets. Its time is that of the record, so that what is older than
 * some time can be passed over without reading the log.
 */
const notified = `
CREATE TABLE notified (
  space INTEGER NOT NULL, subscription TEXT NOT NULL, seq INTEGER NOT NULL, time TEXT NOT NULL, notification TEXT NOT NULL,
  PRIMARY KEY (space, subscription, seq)
) WITHOUT ROWID;

INSERT OR IGNORE INTO notified
  SELECT s.num, n.value ->> '$.subscription', l.seq, l.record ->> '$.time', n.value ->> '$.notification'
  FROM log l JOIN json_each(l.record, '$.due.notifications') n JOIN space s ON s.name = l.record ->> '$.space';
`

/** The last period of each periodic subscription that was claimed (`leases.ts`), in milliseconds since 1970. */
const periods = `
CREATE TABLE period (
  space INTEGER NOT NULL, subscription TEXT NOT NULL, claimed INTEGER NOT NULL,
  PRIMARY KEY (space, subscription)
) WITHOUT ROWID;
`

/** Deliveries owed again, and what finds dead letters. */
const again = `
ALTER TABLE due ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dead_letter_subscription ON dead_letter (space, subscription, num);
CREATE INDEX dead_letter_notification ON dead_letter (notification);
`

/** Never edit a migration that was released: add one. */
export const migrations: readonly string[] = [first, facets, volumes, notified, periods, again]

/**
 * Brings a database to the newest version, each migration in a transaction of its own.
 * Throws an Error when the database is of a newer Estran: it would not be understood.
 */
export function migrate(database: DatabaseSync, steps = migrations): void {
  const version = versionOf(database)
  if (version > steps.length) {
    throw new Error(
      `the database has schema version ${String(version)}, this Estran knows ${String(steps.length)} at most: it was written by a newer Estran`,
    )
  }
  for (const [index, sql] of steps.entries()) {
    if (index >= version) migrateOnce(database, sql, index + 1)
  }
}

function migrateOnce(database: DatabaseSync, sql: string, version: number): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(`${sql}; PRAGMA user_version = ${String(version)}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function versionOf(database: DatabaseSync): number {
  const version = database.prepare('PRAGMA user_version').get()?.['user_version']
  return typeof version === 'number' ? version : 0
}
