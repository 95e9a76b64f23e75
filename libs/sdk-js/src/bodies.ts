/** What messages of the known kinds say; other kinds are the tenant's own (`x-…`), or of a later version. */

export interface TextBody {
  text: string;
  format?: 'plain' | 'markdown' | undefined;
}

/** Until `closesAt` users vote; options have ids of their own. */
export interface PollBody {
  question: string;
  options: { id: string; text: string }[];
  multiple?: boolean | undefined;
  anonymous?: boolean | undefined;
  /** Milliseconds since the epoch. */
  closesAt?: number | undefined;
}

/** Degrees, WGS 84; `accuracy` in metres. */
export interface LocationBody {
  lat: number;
  lng: number;
  accuracy?: number | undefined;
  name?: string | undefined;
  address?: string | undefined;
}

/** An uploaded file; `type` is its media type, `text` a caption. */
export interface FileBody {
  fileId: string;
  name: string;
  type: string;
  bytes: number;
  text?: string | undefined;
}

export interface ImageBody extends FileBody {
  width?: number | undefined;
  height?: number | undefined;
  thumbhash?: string | undefined;
}

export interface VideoBody extends ImageBody {
  durationMs?: number | undefined;
}

export interface AudioBody extends FileBody {
  durationMs?: number | undefined;
  /** Loudness over the time, from 0 to 100. */
  waveform?: number[] | undefined;
}

export interface CardButton {
  type: 'button';
  id: string;
  label: string;
  value?: string | undefined;
  style?: 'default' | 'primary' | 'danger' | undefined;
  /** Takes the values of all required elements with it. */
  submits?: boolean | undefined;
}

export interface CardSelect {
  type: 'select';
  id: string;
  label: string;
  options: { value: string; label: string }[];
  value?: string | undefined;
  required?: boolean | undefined;
}

export interface CardInput {
  type: 'input';
  id: string;
  label: string;
  placeholder?: string | undefined;
  value?: string | undefined;
  multiline?: boolean | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  required?: boolean | undefined;
}

export interface CardBody {
  title: string;
  text?: string | undefined;
  format?: 'plain' | 'markdown' | undefined;
  fields?: { name: string; value: string }[] | undefined;
  elements?: (CardButton | CardSelect | CardInput)[] | undefined;
}

/** By kind. */
export interface MessageBodies {
  text: TextBody;
  location: LocationBody;
  poll: PollBody;
  card: CardBody;
  image: ImageBody;
  video: VideoBody;
  audio: AudioBody;
  file: FileBody;
}
