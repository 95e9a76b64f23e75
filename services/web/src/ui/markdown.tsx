import { useMemo } from 'react';
import { type Block, blocksOf, type Inline } from '../chat/markdown.ts';
import { MessageText, type MessageTextProps } from './message-text.tsx';

/** Undefined within a link, where nothing else leads anywhere. */
type Context = Omit<MessageTextProps, 'text'> | undefined;

/** A text that was written in Markdown. */
export function Markdown({ text, ...context }: MessageTextProps) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return <Blocks blocks={blocks} context={context} />;
}

interface BlocksProps {
  readonly blocks: readonly Block[];
  readonly context: Context;
}

function Blocks({ blocks, context }: BlocksProps) {
  return blocks.map((block, index) => <BlockView key={index} block={block} context={context} />);
}

function BlockView({ block, context }: { readonly block: Block; readonly context: Context }) {
  switch (block.type) {
    case 'code':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} context={context} />
        </blockquote>
      );
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Blocks blocks={item} context={context} />
        </li>
      ));
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case 'paragraph':
      return (
        <p>
          <Inlines inlines={block.inline} context={context} />
        </p>
      );
  }
}

interface InlinesProps {
  readonly inlines: readonly Inline[];
  readonly context: Context;
}

function Inlines({ inlines, context }: InlinesProps) {
  return inlines.map((each, index) => <InlineView key={index} part={each} context={context} />);
}

function InlineView({ part, context }: { readonly part: Inline; readonly context: Context }) {
  if (part.type === 'text') return context === undefined ? part.text : <MessageText text={part.text} {...context} />;
  if (part.type === 'code') return <code>{part.text}</code>;
  const inside = <Inlines inlines={part.inline} context={context} />;
  switch (part.type) {
    case 'strong':
      return <strong>{inside}</strong>;
    case 'em':
      return <em>{inside}</em>;
    case 'del':
      return <del>{inside}</del>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer">
          <Inlines inlines={part.inline} context={undefined} />
        </a>
      );
  }
}
