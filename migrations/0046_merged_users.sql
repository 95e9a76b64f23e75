-- The user who stands for this one: ids and external ids of a merged user name the survivor.
ALTER TABLE "users" ADD COLUMN "merged_into" uuid;
--> statement-breakpoint
-- What a merge has moved, until it is done: from here it is moved back when the merge fails.
CREATE TABLE "user_moves" (
	"from_id" uuid NOT NULL,
	"part" text NOT NULL,
	"key" text NOT NULL,
	"tenant_id" uuid NOT NULL,
	"before" jsonb NOT NULL,
	CONSTRAINT "user_moves_from_id_part_key_pk" PRIMARY KEY("from_id","part","key")
);
