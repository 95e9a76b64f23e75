/** Where the product runs and is used, whatever it consists of. */
export interface Place {
  /** Of the servers, by their names. */
  readonly versions: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  /** Where clients connect. */
  readonly sockets: readonly string[];
  /** Where chat-services serve REST. */
  readonly apis: readonly string[];
  readonly adminKey: string;
  /** Deaths that no fault explains, since the last call. */
  takeDeaths(): string[];
  /** Ends every fault: the network is fair, what was stopped goes on, what was killed runs again. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}
