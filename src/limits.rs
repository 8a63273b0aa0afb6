//! Every cap on what comes from outside, each with its reason; how much a room remembers of its own doings it says
//! itself. Sizes are in bytes of UTF-8.

/// One XMPP frame. A Team notification with 300 agents takes about 250 kB; Openfire refuses more than 1 MB itself.
pub const FRAME_BYTES: usize = 1 << 20;
/// One BOSH body: all that came up since the last one. Openfire puts a second of its heaviest burst into 16 MB; what is
/// larger ends the session, and a new one reads again.
pub const BOSH_BODY_BYTES: usize = 16 << 20;
/// The body of one REST answer. Dialogs of a busy agent take tens of kB.
pub const BODY_BYTES: usize = 1 << 20;
/// Nesting of elements. Finesse's deepest object (an ECC array inside a Dialog inside a stanza) has 14 levels.
pub const XML_DEPTH: usize = 32;
/// Elements in one document: a Team that just fits into a frame has 1,200 users and about 25,000.
pub const XML_ELEMENTS: usize = 100_000;
/// Children of different names in an element that we do not know; the richest of Finesse's has 30. More are left out,
/// since each is sorted in.
pub const TREE_MEMBERS: usize = 1_000;
/// Objects read of one list, or remembered of one node; a supervisor has some tens of queues.
pub const LIST_OBJECTS: usize = 1_000;
/// Attributes of one element; stanzas have at most six.
pub const XML_ATTRIBUTES: usize = 64;
/// Namespaces that are declared at one place of a document; a stanza has five. Each name is looked up among them.
pub const XML_NAMESPACES: usize = 64;
/// A namespace, or a name in JSON: every element of a tree has its own copy.
pub const NAMESPACE_BYTES: usize = 256;
/// Entries kept in the timeline; the oldest go first.
pub const TIMELINE_ENTRIES: usize = 500;
/// Characters of a timeline entry or an error's message: a server's words may be in it.
pub const QUOTE_CHARS: usize = 200;
/// Explicit subscriptions of one keeper. A supervisor has a few teams and some tens of queues.
pub const SUBSCRIPTIONS: usize = 500;
/// The name of one pub/sub node.
pub const NODE_BYTES: usize = 1_000;
/// Notifications held back while a resync reads; past it the object is read again instead.
pub const HELD_NOTIFICATIONS: usize = 10_000;
/// Nodes whose objects are remembered for comparison and read again after a gap.
pub const KNOWN_NODES: usize = 200;
/// What all objects remembered for that may take beside the agent's own; a team of 1,000 takes about 500 kB.
pub const KNOWN_BYTES: usize = 8 << 20;
/// Effects or events that one input may cause before they are drained.
pub const QUEUE: usize = 20_000;
/// The largest site a keeper can be told of; Cisco supports 2,000 agents on a pair.
pub const AGENTS: u32 = 100_000;
/// One part of an XMPP address (RFC 7622 3.1), and so the longest id, resource or host taken.
pub const PART_BYTES: usize = 1_023;
/// Characters of a foreign name that an error quotes.
pub const NAME_CHARS: usize = 32;
