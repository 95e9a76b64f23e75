CREATE TABLE "sample_notes" (
	"origin" text NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "sample_notes_origin_note_pk" PRIMARY KEY("origin","note")
);
