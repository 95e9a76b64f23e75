/**
 * How Node is started for a service. The young generation of V8 grows to 64 MiB twice over on a large machine, and a
 * process whose clients are idle keeps that: 5,000 connections took 28 KB each of resident memory instead of 14.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16'];
