import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const SendIcon = () => (
  <Icon>
    <path d="M5 12h13M12 5.5 18.5 12 12 18.5" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M15 5.5 8.5 12l6.5 6.5" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="m6 9.5 6 6 6-6" />
  </Icon>
);
export const UpIcon = () => (
  <Icon>
    <path d="m6 14.500 6-6 6 6" />
  </Icon>
);
export const CalendarIcon = () => (
  <Icon>
    <path d="M4.5 6.5h15v13h-15zM4.5 10.5h15M8.5 4v4M15.5 4v4" />
  </Icon>
);
export const ClockIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </Icon>
);
export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.5L19 7.5" />
  </Icon>
);
export const DoubleCheckIcon = () => (
  <Icon>
    <path d="m2.5 12.5 4.5 4.5L16.5 7.5M12 16.5l.5.5L22 7.5" />
  </Icon>
);
export const AlertIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5v5.5M12 16.200v.1" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="M6.5 6.5 17.5 17.5M17.5 6.5 6.5 17.5" />
  </Icon>
);
export const PlusIcon = () => (
  <Icon>
    <path d="M12 5.5v13M5.5 12h13" />
  </Icon>
);
export const ReplyIcon = () => (
  <Icon>
    <path d="M9.5 6.5 4.500 11.500l5 5M5 11.500h9a5 5 0 0 1 5 5V18" />
  </Icon>
);
export const ForwardIcon = () => (
  <Icon>
    <path d="m14.500 6.500 5 5-5 5M19 11.500h-9a5 5 0 0 0-5 5V18" />
  </Icon>
);
export const EditIcon = () => (
  <Icon>
    <path d="M5 19l.8-3.800L15.500 5.500l3 3-9.700 9.700zM13.500 7.500l3 3" />
  </Icon>
);
export const RecallIcon = () => (
  <Icon>
    <path d="M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7" />
  </Icon>
);
export const ThreadsIcon = () => (
  <Icon>
    <path d="M4.500 5h12v8.500h-7L6.500 16v-2.500h-2zM19.500 9.500V17h-2v2.500L14.500 17h-3" />
  </Icon>
);
export const SettingsIcon = () => (
  <Icon>
    <path d="M5 8h14M5 16h14" />
    <circle cx="9" cy="8" r="2.2" fill="var(--panel)" />
    <circle cx="15" cy="16" r="2.2" fill="var(--panel)" />
  </Icon>
);
export const PinIcon = () => (
  <Icon>
    <path d="M12 14.500V20M8.500 4h7l-.8 6 2.800 4.500h-11L9.300 10z" />
  </Icon>
);
export const SilentIcon = () => (
  <Icon>
    <path d="M6.500 16.500h11l-1.500-2.500v-3.500a4 4 0 0 0-8 0v3.500zM10.500 19.500h3M5 5l14 14" />
  </Icon>
);
export const QuoteIcon = () => (
  <Icon>
    <path d="M5 17.500c2.500-1 3.500-3 3.500-6V7H4.500v5h4M14.500 17.500c2.500-1 3.500-3 3.500-6V7h-4v5h4" />
  </Icon>
);
export const MoreIcon = () => (
  <Icon>
    <path d="M6 12v.1M12 12v.1M18 12v.1" strokeWidth="3" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path d="m9.500 14.500 5-5M8 11.500l-2 2a3.500 3.500 0 0 0 5 5l2-2M16 12.500l2-2a3.500 3.500 0 0 0-5-5l-2 2" />
  </Icon>
);
export const MarkUnreadIcon = () => (
  <Icon>
    <path d="M19.500 11.500V17a1.500 1.500 0 0 1-1.500 1.500H6.500L3.500 21V7.500A1.500 1.500 0 0 1 5 6h8.500" />
    <circle cx="18.500" cy="6" r="2.500" fill="currentColor" />
  </Icon>
);
export const PeopleIcon = () => (
  <Icon>
    <circle cx="9" cy="8.500" r="3" />
    <path d="M3.500 19c0-3 2.500-5 5.500-5s5.500 2 5.500 5M15.500 5.800a3 3 0 0 1 0 5.400M17 14.300c2 .7 3.500 2.400 3.500 4.700" />
  </Icon>
);
export const AtIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="3.500" />
    <path d="M15.500 8.500V13a2.300 2.300 0 0 0 4.500 0v-1a8 8 0 1 0-3.500 6.600" />
  </Icon>
);
export const TranslateIcon = () => (
  <Icon>
    <path d="M4 6.500h9M8.500 4v2.500M11 6.500c-.8 4-3.500 7-7 8.500M6 9.500c1.300 2.500 3 4.300 5.500 5.500M12.500 20l4-9.500 4 9.500M14 17h5" />
  </Icon>
);
export const BookmarkIcon = () => (
  <Icon>
    <path d="M7 4.500h10V20l-5-4-5 4z" />
  </Icon>
);
export const PollIcon = () => (
  <Icon>
    <path d="M6 19v-6M12 19V5M18 19v-9" strokeWidth="3" />
  </Icon>
);
export const BellIcon = () => (
  <Icon>
    <path d="M6.500 16.500h11l-1.500-2.500v-3.500a4 4 0 0 0-8 0v3.500zM10.500 19.500h3" />
  </Icon>
);
export const TimerIcon = () => (
  <Icon>
    <circle cx="12" cy="13.500" r="6.500" />
    <path d="M12 10v3.500M10 4h4M12 4v3M17 7l1.500 1.500" />
  </Icon>
);
export const SmileyIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M9 10v.1M15 10v.1M8.500 14a4 4 0 0 0 7 0" />
  </Icon>
);
