CREATE TABLE "usage_daily" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"messages" bigint NOT NULL,
	CONSTRAINT "usage_daily_tenant_id_day_pk" PRIMARY KEY("tenant_id","day")
);
--> statement-breakpoint
CREATE TABLE "usage_marks" (
	"conversation_id" uuid PRIMARY KEY NOT NULL,
	"counted_seq" bigint NOT NULL
);
