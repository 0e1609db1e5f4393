/** What `GET /api/programs/<id>/graph` answers; nodes are numbered by their place in `nodes`. */
export interface GraphData {
  id: string;
  name: string;
  types: string[];
  nodes: { name: string[]; type: number[] };
  /** source, its output, destination, its input; four numbers an edge. */
  edges: number[];
  /** source, destination; two numbers an edge. */
  control: number[];
  /** Numbers of the data edges whose destination may write through them. */
  mutating: number[];
  /** Numbers of the data edges that carry the buffer of a reference variable, or a view of it. */
  aliases: number[];
  /** Numbers of the data edges that carry a reference; mutating ones are among them. */
  refs: number[];
  /** Numbers of the data edges that carry a handle; mutating ones are among them. */
  handles: number[];
  calls: Record<string, { function: string; kind: "call" | "if" | "while" | "case" }>;
  loops: { frame: string; nodes: number[] }[];
  variables: VariableNode[];
  placeholders: { node: number; name: string; dtype: string; shape: (number | null)[] | null }[];
  signatures: {
    name: string;
    inputs: Record<string, string>;
    outputs: Record<string, string>;
  }[];
  initializers: string[];
  suggestions: Suggestion[];
  unsupported: { type: string; count: number }[];
}

/** Something to run. */
export interface Suggestion {
  title: string;
  fetches: string[];
  targets: string[];
  /** Tensor name to the text for its field; null for the value that `plan` proposes. */
  feeds: Record<string, string | null>;
}

export interface VariableNode {
  node: number;
  name: string;
  kind: "ref" | "resource";
  dtype: string;
  shape: (number | null)[] | null;
}

export interface ProgramEntry {
  id: string;
  name: string;
  kind: string;
  nodes: number;
  size: number;
  added: string;
}

/** A program that comes with Opscope; `group` is the heading that it stands under. */
export interface ExampleEntry {
  id: string;
  name: string;
  group: string;
  title: string;
  description: string;
  nodes: number;
}

/** What `GET /api/home` answers. */
export interface HomeLists {
  programs: ProgramEntry[];
  examples: ExampleEntry[];
  sessions: { id: string; program: string; name: string; state: string }[];
  runs: {
    session: string;
    program: string;
    name: string;
    fetches: string[];
    state: string;
    steps: number;
  }[];
  uploadLimit: number;
}

/** What `GET /api/programs/<id>/operation` answers. */
export interface OperationDetails {
  name: string;
  type: string;
  device: string;
  doc: string;
  supported: boolean;
  attrs: { name: string; value: string }[];
  inputs: { name: string; kind: "value" | "alias" | "ref" | "handle"; dtype: string }[];
  outputs: { name: string; dtype: string; shape: (number | null)[] | null }[];
  controlInputs: string[];
  effects: string[];
}
