import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name <what>` in this folder writes the next file of /migrations; review it before use. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/{core,platform,features}/*/tables.ts',
  out: '../../migrations',
});
