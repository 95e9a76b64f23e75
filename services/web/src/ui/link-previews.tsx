import type { Message } from '@messagecore/protocol';

/** Of the pages to which a text leads. Their pictures are not shown: nothing is fetched from other hosts. */
export function LinkPreviews({ message: { previews = [] } }: { readonly message: Message }) {
  if (previews.length === 0) return null;
  return (
    <ul className="previews">
      {previews.map(({ url, title, description, site }) => (
        <li key={url}>
          <a href={url} target="_blank" rel="noopener noreferrer">
            {site !== undefined && <small dir="auto">{site}</small>}
            <strong dir="auto">{title}</strong>
            {description !== undefined && <span dir="auto">{description}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}
