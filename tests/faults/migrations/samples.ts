/**
 * A migration of each kind that the rules allow (`tests/tidy/rules/migrations.ts`), on the tables that sends read and write.
 * `mark` keeps those of one run from those of another.
 */
export interface Sample {
  readonly what: string;
  readonly text: string;
}

const APART = '-- no transaction\n';

export function samples(mark: string): readonly Sample[] {
  return [
    {
      what: 'a column with a constant default',
      text: `ALTER TABLE messages ADD COLUMN trial_${mark} smallint DEFAULT 7 NOT NULL;`,
    },
    {
      what: 'a column of the table that sends lock rows of',
      text: `ALTER TABLE conversations ADD COLUMN trial_${mark} text;`,
    },
    {
      what: 'an index, beside the traffic',
      text: `${APART}CREATE INDEX CONCURRENTLY IF NOT EXISTS trial_${mark}_sender ON messages (conversation_id, sender_id);`,
    },
    {
      what: 'a constraint for what comes from now on',
      text: `ALTER TABLE messages ADD CONSTRAINT trial_${mark}_size CHECK (trial_${mark} > 0) NOT VALID;`,
    },
    { what: 'the same for all rows', text: `ALTER TABLE messages VALIDATE CONSTRAINT trial_${mark}_size;` },
    {
      what: 'a unique index, beside the traffic',
      text: `${APART}CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS trial_${mark}_once ON participants (conversation_id, user_id);`,
    },
    {
      what: 'a unique constraint, of that index',
      text: `ALTER TABLE participants ADD CONSTRAINT trial_${mark}_once UNIQUE USING INDEX trial_${mark}_once;`,
    },
    {
      what: 'a table with an index, and a trigger that fills it in the transaction of a send',
      text: `CREATE TABLE trial_${mark} (conversation_id uuid, seq bigint, PRIMARY KEY (conversation_id, seq));
--> statement-breakpoint
CREATE FUNCTION trial_${mark}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO trial_${mark} VALUES (NEW.conversation_id, NEW.seq);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER trial_${mark} AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION trial_${mark}();`,
    },
    {
      what: 'another version of that function',
      text: `CREATE OR REPLACE FUNCTION trial_${mark}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END $$;`,
    },
    {
      what: 'settings of a table',
      text: 'ALTER TABLE messages SET (autovacuum_vacuum_insert_scale_factor = 0.05);',
    },
    {
      what: 'an index that is not needed any more',
      text: `${APART}DROP INDEX CONCURRENTLY IF EXISTS trial_${mark}_sender;`,
    },
  ];
}
