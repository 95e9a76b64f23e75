/** All operations. A new one is defined in the file of its area, and carried out by the same area of the chat-service. */
import * as apiKeys from './api-key-operations.ts';
import * as audit from './audit-operations.ts';
import * as background from './background-operations.ts';
import * as conversations from './conversation-operations.ts';
import * as defaultChannels from './default-channel-operations.ts';
import * as devices from './device-operations.ts';
import * as directory from './directory-operations.ts';
import * as invitations from './invitation-operations.ts';
import * as joinRequests from './join-request-operations.ts';
import * as links from './link-operations.ts';
import * as messages from './message-operations.ts';
import * as participants from './participant-operations.ts';
import * as tenants from './tenant-operations.ts';
import * as usage from './usage-operations.ts';
import * as users from './user-operations.ts';

export const OPERATIONS = [
  conversations.createConversation,
  conversations.listConversations,
  conversations.getConversation,
  conversations.updateConversation,
  conversations.deleteConversation,
  messages.moveReadPosition,
  participants.listParticipants,
  participants.addParticipants,
  participants.updateParticipant,
  participants.removeParticipant,
  participants.joinConversation,
  participants.leaveConversation,
  invitations.createInvitations,
  invitations.listInvitations,
  invitations.listOwnInvitations,
  invitations.acceptInvitation,
  invitations.declineInvitation,
  invitations.revokeInvitation,
  links.createLink,
  links.listLinks,
  links.revokeLink,
  links.previewLink,
  links.acceptLink,
  joinRequests.createJoinRequest,
  joinRequests.listJoinRequests,
  joinRequests.listOwnJoinRequests,
  joinRequests.approveJoinRequest,
  joinRequests.rejectJoinRequest,
  joinRequests.withdrawJoinRequest,
  directory.listDirectory,
  defaultChannels.listDefaultChannels,
  defaultChannels.addDefaultChannel,
  defaultChannels.removeDefaultChannel,
  defaultChannels.listDefaultChannelsOf,
  defaultChannels.addDefaultChannelOf,
  defaultChannels.removeDefaultChannelOf,
  messages.sendMessage,
  messages.listMessages,
  messages.listChanges,
  messages.editMessage,
  messages.recallMessage,
  messages.addReaction,
  messages.removeReaction,
  users.createToken,
  users.listUsers,
  users.getOneself,
  users.getUser,
  users.updateOneself,
  users.updateUser,
  users.eraseUser,
  devices.listDevices,
  devices.revokeDevice,
  devices.revokeAllDevices,
  tenants.createTenant,
  tenants.listTenants,
  tenants.getTenant,
  tenants.updateTenant,
  tenants.suspendTenant,
  tenants.reactivateTenant,
  usage.readUsage,
  audit.listAudit,
  audit.verifyAudit,
  audit.exportAudit,
  audit.getAuditExport,
  apiKeys.createApiKey,
  apiKeys.listApiKeys,
  apiKeys.revokeApiKey,
  background.listConsumers,
  background.pauseConsumer,
  background.resumeConsumer,
  background.listDeadLetters,
  background.replayDeadLetter,
  background.deleteDeadLetter,
  background.readJobQueue,
  background.listDeadJobs,
  background.replayJob,
  background.listSagas,
  background.getSaga,
] as const;
