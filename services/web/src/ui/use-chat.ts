import { useSyncExternalStore } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';

export function useChat(chat: Chat): ChatState {
  return useSyncExternalStore(chat.subscribe, chat.snapshot);
}
