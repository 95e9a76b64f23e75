/** Whether the pictures of the documentation are to be made anew. */
export function wantsScreenshots(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['MC_UPDATE_SCREENSHOTS'] === '1';
}
