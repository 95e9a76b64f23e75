/** What a page says of itself, shown beside a message that links to it. */
import { z } from 'zod';

/** `url` is the link as it stands in the message; `image` is an address that a client fetches from whoever has it. */
export const PagePreview = z
  .object({
    url: z.string(),
    title: z.string(),
    description: z.string().optional(),
    site: z.string().optional(),
    image: z.string().optional(),
  })
  .meta({ id: 'PagePreview' });
export type PagePreview = z.infer<typeof PagePreview>;
