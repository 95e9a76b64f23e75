/** A failure in SCIM's words: an HTTP status and one of its types. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
  }
}

export function errorBody({ status, scimType, message }: ScimError): object {
  const type = scimType === undefined ? {} : { scimType };
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), ...type, detail: message };
}
