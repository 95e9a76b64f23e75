/** List prices, US dollars, of one provider and region (AWS, us-east-1, on demand, June 2026), without discounts and taxes. */

/** m7g.large: 2 cores, 8 GB. https://www.factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026/ */
export const NODE = { cores: 2, bytes: 8e9, anHour: 0.0816 };

export const HOURS_A_MONTH = 730;

/** To the internet, by what was sent before in the month. https://leanopstech.com/blog/aws-data-transfer-pricing-2026/ */
export const EGRESS: readonly { readonly upToGb: number; readonly aGb: number }[] = [
  { upToGb: 100, aGb: 0 },
  { upToGb: 10_000, aGb: 0.09 },
  { upToGb: 50_000, aGb: 0.085 },
  { upToGb: 150_000, aGb: 0.07 },
  { upToGb: Infinity, aGb: 0.05 },
];

/** Storage (gp3), a GB and month. https://aws.amazon.com/ebs/pricing/ */
export const STORAGE_A_GB = 0.08;

/** What a hosted service asks for 10,000 monthly users. https://www.zegocloud.com/docs/console/faqs/pricing/fee-for-in-app-chat */
export const HOSTED_FOR_10_000_USERS = 449;
/**
 * Monthly users for each connection at the busiest moment: a hosted service includes 5 connections for 100 users.
 * https://community.sendbird.com/t/concurrency-calculation/4418
 */
export const USERS_A_CONNECTION = 20;
