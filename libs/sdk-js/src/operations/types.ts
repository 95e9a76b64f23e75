/** Made by `generate.ts` from the definitions of the operations: what they take and answer. */
import type { Draft, Invitation, JoinRequest } from './conversation-shapes.ts';
import type {
  ApiKey,
  ApiKeyCreated,
  AuditEntry,
  BlockedUser,
  CurrentUsage,
  DefaultChannel,
  DefaultChannels,
  Device,
  DirectoryChannel,
  FollowCounts,
  LinkAccepted,
  LinkPreview,
  ProfileField,
  Provider,
  ScimSettings,
  Tenant,
  TenantSettings,
  User,
} from './shapes.ts';

import type { ConversationOperations } from './conversation-types.ts';
export interface Operations extends ConversationOperations {
  /** Invite somebody by mail to have an account: admins, and the back end. */
  'auth.invite': {
    args: {
      email: string;
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      locale?: ('en' | 'zh') | undefined;
    };
    result: undefined;
  };
  /** Block a user: no dm, no invitation, no following. */
  'blocks.add': { args: { user: string }; result: undefined };
  /** List the users whom one has blocked. */
  'blocks.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: BlockedUser[]; next: string | null };
  };
  /** Unblock a user. */
  'blocks.remove': { args: { user: string }; result: undefined };
  /** Add every user to a channel, those of now and those to come; guests and bots are left out. */
  'defaultChannels.add': { args: { cid: string }; result: DefaultChannel };
  /** List the tenant’s default channels. */
  'defaultChannels.list': { args: {}; result: DefaultChannels };
  /** Add nobody else to a channel; who takes part stays. */
  'defaultChannels.remove': { args: { cid: string }; result: undefined };
  /** List one’s devices. */
  'devices.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Device[]; next: string | null };
  };
  /** Revoke a device: its tokens and sessions end. */
  'devices.revoke': { args: { clientId: string }; result: undefined };
  /** Revoke all: every token and session of the user ends. */
  'devices.revokeAll': { args: {}; result: undefined };
  /** List or search the tenant’s public channels; guests see none. */
  'directory.list': {
    args: {
      limit?: number | undefined;
      cursor?: string | undefined;
      q?: string | undefined;
      order?: ('name' | 'members') | undefined;
    };
    result: { items: DirectoryChannel[]; next: string | null };
  };
  /** List one’s drafts, the newest first. */
  'drafts.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Draft[]; next: string | null };
  };
  /** Follow a user. */
  'follows.add': { args: { user: string }; result: undefined };
  /** Count who follows a user and whom the user follows. */
  'follows.count': { args: { user: string }; result: FollowCounts };
  /** List who follows a user. */
  'follows.followers': {
    args: { user: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** List whom a user follows. */
  'follows.following': {
    args: { user: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** Follow a user no more. */
  'follows.remove': { args: { user: string }; result: undefined };
  /** List one’s open invitations, the newest first. */
  'invitations.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Invitation[]; next: string | null };
  };
  /** List one’s own open requests, the newest first. */
  'joinRequests.mine': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: JoinRequest[]; next: string | null };
  };
  /** Join by a link. */
  'links.accept': { args: { code: string }; result: LinkAccepted };
  /** See where a link leads, without joining. */
  'links.preview': { args: { code: string }; result: LinkPreview };
  /** Change the settings of one’s own tenant. */
  'ownTenant.changeSettings': {
    args: {
      editWindowSeconds?: (number | null) | undefined;
      history?: (('all' | 'since_joining') | null) | undefined;
      groupsBy?: (('members' | 'admins') | null) | undefined;
      privateChannelsBy?: (('members' | 'admins') | null) | undefined;
      publicChannelsBy?: (('members' | 'admins') | null) | undefined;
      signUp?:
        | ({ mode: 'closed' | 'open' | 'domain' | 'invitation'; domains?: string[] | undefined } | null)
        | undefined;
      accessTokenSeconds?: (number | null) | undefined;
      refreshTokenSeconds?: (number | null) | undefined;
    };
    result: TenantSettings;
  };
  /** Add an API key; it is shown here only. */
  'ownTenant.createKey': {
    args: {
      name?: string | undefined;
      scopes?:
        | (
            | 'conversations:read'
            | 'conversations:write'
            | 'messages:read'
            | 'messages:write'
            | 'users:read'
            | 'users:write'
            | 'tokens:write'
            | 'admin'
          )[]
        | undefined;
      expiresAt?: number | undefined;
    };
    result: ApiKeyCreated;
  };
  /** Add an identity provider, by which a tenant’s users sign in. */
  'ownTenant.createProvider': {
    args: {
      providerId: string;
      settings:
        | {
            kind: 'oidc';
            name: string;
            enabled?: boolean | undefined;
            createUsers?: boolean | undefined;
            roles?: { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] | undefined;
            issuer: string;
            clientId: string;
            scopes?: string[] | undefined;
            redirectUris: string[];
            displayNameClaim?: string | undefined;
          }
        | {
            kind: 'ldap';
            name: string;
            enabled?: boolean | undefined;
            createUsers?: boolean | undefined;
            roles?: { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] | undefined;
            url: string;
            startTls?: boolean | undefined;
            ca?: string | undefined;
            bindDn: string;
            baseDn: string;
            filter?: string | undefined;
            idAttribute?: string | undefined;
            displayNameAttribute?: string | undefined;
            groupFilter?: string | undefined;
            groupBaseDn?: string | undefined;
          };
      secret?: string | undefined;
    };
    result: Provider;
  };
  /** Delete an identity provider; who signed in by it stays a user. */
  'ownTenant.deleteProvider': { args: { providerId: string }; result: undefined };
  /** Read one’s own tenant. */
  'ownTenant.get': { args: {}; result: Tenant };
  /** Read an identity provider. */
  'ownTenant.getProvider': { args: { providerId: string }; result: Provider };
  /** What was done to a tenant, oldest first. */
  'ownTenant.listAudit': {
    args: {
      limit?: number | undefined;
      cursor?: string | undefined;
      action?: string | undefined;
      actor?: string | undefined;
      target?: string | undefined;
      from?: number | undefined;
      to?: number | undefined;
    };
    result: { items: AuditEntry[]; next: string | null };
  };
  /** List API keys. */
  'ownTenant.listKeys': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: ApiKey[]; next: string | null };
  };
  /** List a tenant’s identity providers. */
  'ownTenant.listProviders': { args: {}; result: { items: Provider[] } };
  /** Revoke an API key. */
  'ownTenant.revokeKey': { args: { keyId: string }; result: undefined };
  /** Replace an API key by a new one, shown here only. */
  'ownTenant.rotateKey': { args: { keyId: string } & { overlapHours?: number | undefined }; result: ApiKeyCreated };
  /** Which groups of a tenant’s directory give which roles. */
  'ownTenant.scim': { args: {}; result: ScimSettings };
  /** Read the settings of one’s own tenant, with what holds where nothing is set. */
  'ownTenant.settings': { args: {}; result: TenantSettings };
  /** Rename one’s own tenant, or change the secret with which it signs tokens. */
  'ownTenant.update': { args: { name?: string | undefined; jwtSecret?: (string | null) | undefined }; result: Tenant };
  /** Change an identity provider or its secret. */
  'ownTenant.updateProvider': {
    args: { providerId: string } & {
      settings?:
        | (
            | {
                kind: 'oidc';
                name: string;
                enabled?: boolean | undefined;
                createUsers?: boolean | undefined;
                roles?:
                  | { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[]
                  | undefined;
                issuer: string;
                clientId: string;
                scopes?: string[] | undefined;
                redirectUris: string[];
                displayNameClaim?: string | undefined;
              }
            | {
                kind: 'ldap';
                name: string;
                enabled?: boolean | undefined;
                createUsers?: boolean | undefined;
                roles?:
                  | { claim: string; value: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[]
                  | undefined;
                url: string;
                startTls?: boolean | undefined;
                ca?: string | undefined;
                bindDn: string;
                baseDn: string;
                filter?: string | undefined;
                idAttribute?: string | undefined;
                displayNameAttribute?: string | undefined;
                groupFilter?: string | undefined;
                groupBaseDn?: string | undefined;
              }
          )
        | undefined;
      secret?: (string | null) | undefined;
    };
    result: Provider;
  };
  /** Say which groups of a tenant’s directory give which roles. */
  'ownTenant.updateScim': {
    args: { roles: { group: string; role: 'admin' | 'moderator' | 'member' | 'guest' }[] };
    result: ScimSettings;
  };
  /** Take a field away from profiles. */
  'profileFields.delete': { args: { name: string }; result: undefined };
  /** List the fields that the tenant adds to profiles; users see those that users may see. */
  'profileFields.list': { args: {}; result: { items: ProfileField[] } };
  /** Add a field to profiles, or change it; values that do not fit any more are not shown. */
  'profileFields.put': {
    args: { name: string } & {
      label: string;
      type: 'text' | 'number' | 'boolean' | 'date' | 'url';
      visibleTo?: ('everyone' | 'self' | 'backend') | undefined;
    };
    result: ProfileField;
  };
  /** What the tenant uses of its quotas. */
  'usage.own': { args: {}; result: CurrentUsage };
  /** Erase a user; the messages stay under a placeholder name. */
  'users.erase': { args: { user: string }; result: undefined };
  /** Read a user. */
  'users.get': { args: { user: string }; result: User };
  /** List the tenant’s users; guests see whom they share a conversation with. */
  'users.list': {
    args: { limit?: number | undefined; cursor?: string | undefined; q?: string | undefined };
    result: { items: User[]; next: string | null };
  };
  /** Read oneself. */
  'users.me': { args: {}; result: User };
  /** Change a user’s name and profile, give it a role in the tenant, deactivate it, or let it in again; users may change their own name and profile. */
  'users.update': {
    args: { user: string } & {
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      deactivated?: boolean | undefined;
      avatar?: (string | null) | undefined;
      bio?: (string | null) | undefined;
      status?:
        | ({
            text?: string | undefined;
            emoji?: (string | null) | undefined;
            until?: (number | null) | undefined;
          } | null)
        | undefined;
      locale?: (string | null) | undefined;
      timeZone?: (string | null) | undefined;
      fields?: Record<string, (string | number | boolean) | null> | undefined;
    };
    result: User;
  };
  /** Change one’s own name and profile. */
  'users.updateMe': {
    args: {
      displayName?: string | undefined;
      role?: ('owner' | 'admin' | 'moderator' | 'member' | 'guest' | 'bot') | undefined;
      deactivated?: boolean | undefined;
      avatar?: (string | null) | undefined;
      bio?: (string | null) | undefined;
      status?:
        | ({
            text?: string | undefined;
            emoji?: (string | null) | undefined;
            until?: (number | null) | undefined;
          } | null)
        | undefined;
      locale?: (string | null) | undefined;
      timeZone?: (string | null) | undefined;
      fields?: Record<string, (string | number | boolean) | null> | undefined;
    };
    result: User;
  };
}
