import { Component, type ReactNode } from 'react';

export interface ErrorBoundaryProps {
  /** What the children show. When it changes they are tried anew. */
  readonly subject?: unknown;
  /** Shown in place of children that cannot be rendered. */
  readonly fallback: ReactNode;
  readonly children: ReactNode;
}

interface State {
  readonly subject: unknown;
  readonly failed: boolean;
}

/** Children that throw while they render take nothing down but themselves. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, State> {
  override state: State = { subject: this.props.subject, failed: false };

  static getDerivedStateFromError(): Partial<State> {
    return { failed: true };
  }

  static getDerivedStateFromProps({ subject }: ErrorBoundaryProps, state: State): State | null {
    return subject === state.subject ? null : { subject, failed: false };
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}
