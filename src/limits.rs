//! Every cap of the core in one place, each with its reason. Sizes are in bytes of UTF-8.

/// One XMPP frame. A Team notification with 300 agents takes about 250 kB; Openfire refuses more than 1 MB itself.
pub const FRAME_BYTES: usize = 1 << 20;
/// The body of one REST answer. Dialogs of a busy agent take tens of kB.
pub const BODY_BYTES: usize = 1 << 20;
/// Nesting of elements. Finesse's deepest object (an ECC array inside a Dialog inside a stanza) has 14 levels.
pub const XML_DEPTH: usize = 32;
/// Elements in one document: a Team of 2,000 users has about 40,000.
pub const XML_ELEMENTS: usize = 100_000;
/// Children of different names in an element that we do not know; the richest of Finesse's has 30. More are left out,
/// since each is sorted in.
pub const TREE_MEMBERS: usize = 1_000;
/// Attributes of one element; stanzas have at most six.
pub const XML_ATTRIBUTES: usize = 64;
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
/// Calls of one agent that are remembered for comparison.
pub const DIALOGS: usize = 100;
/// Effects or events that one input may cause before they are drained.
pub const QUEUE: usize = 20_000;
