import { defineConfig } from 'drizzle-kit';

/**
 * `npx drizzle-kit generate --name <what>` in this folder gives wording for new tables: CONTRIBUTING.md says what of it is
 * taken. Its number, its `when` and whatever else is in the draft are wrong.
 */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/{core,platform,features}/*/tables.ts',
  out: '../../migrations',
});
