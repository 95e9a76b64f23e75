CREATE TABLE "custom_emojis" (
  "tenant_id" uuid NOT NULL,
  "name" text NOT NULL,
  "image" text NOT NULL,
  CONSTRAINT "custom_emojis_tenant_id_name_pk" PRIMARY KEY ("tenant_id", "name")
);
