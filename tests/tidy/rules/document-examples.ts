import { documents } from './documents.ts';
import type { Examples } from './examples.ts';

export const DOCUMENT_EXAMPLES: Examples = {
  rule: documents,
  bad: [
    ['docs/a.md', 'see [there](gone.md#part)', /links to gone\.md/],
    ['docs/a.md', '![a picture](images/gone.svg)', /links to images\/gone\.svg/],
    ['docs/a.md', 'in `core/write/gone.ts`', /names core\/write\/gone\.ts/],
    ['docs/a.md', 'in `run libs/gone/ often`', /names libs\/gone\//],
    ['docs/a.md', 'at `gone.ts:12`', /names gone\.ts/],
    ['docs/a.md', '# Part\n[there](a.md#gone)', /links to a\.md#gone, a heading/],
    ['docs/a.md', '```\n# gone\n```\n[here](#gone)', /links to #gone, a heading/],
  ],
  good: [
    ['docs/a.md', '# Part\n[itself](a.md#part), [the root](../), [out](https://example.org/a.md#b)'],
    ['docs/a.md', '## 1. A `b`, c\n## Same\n## Same\n[1](#1-a-b-c), [2](#same-1)'],
    ['docs/a.md', 'in `libs/kernel`, `kernel/package.json`, `<name>-routes.ts`, `*.ts`, `GET /v1/x.md`, `a.md`'],
  ],
};
