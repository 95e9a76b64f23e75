/**
 * The commit from which an upgrade to this one is tested: the last version that was given out. With the next version it moves on;
 * what it does not know may then be dropped by a migration.
 */
export const PREVIOUS = '62ded7e68f0a9d66da938d05efc596747218bed2';
