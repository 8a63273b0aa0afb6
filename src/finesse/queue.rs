//! `Queue`: how many wait, and how many serve. CCE only; told every 10 s if something changed.

use crate::shapes::shape;

shape! {
    /// The figures of a queue. Where it is assigned to no one a number is -1, a text empty or `-1`.
    Statistics = "statistics" {
        /// Calls that wait.
        CALLS_IN_QUEUE: Number, "callsInQueue";
        /// When the longest of them began to wait (ISO 8601 without fractions, UTC); empty or `-1` where there is none, so
        /// look before you make a date of it.
        START_TIME_OF_LONGEST_CALL_IN_QUEUE: Text, "startTimeOfLongestCallInQueue";
        /// Agents who wait for a call.
        AGENTS_READY: Number, "agentsReady";
        /// Agents who take no calls.
        AGENTS_NOT_READY: Number, "agentsNotReady";
        /// Agents with the calls of other queues.
        AGENTS_BUSY_OTHER: Number, "agentsBusyOther";
        /// Agents signed in.
        AGENTS_LOGGED_ON: Number, "agentsLoggedOn";
        /// Agents on incoming calls.
        AGENTS_TALKING_INBOUND: Number, "agentsTalkingInbound";
        /// Agents on outgoing calls.
        AGENTS_TALKING_OUTBOUND: Number, "agentsTalkingOutbound";
        /// Agents on internal calls.
        AGENTS_TALKING_INTERNAL: Number, "agentsTalkingInternal";
        /// Agents who wrap up, Not Ready after it.
        AGENTS_WRAP_UP_NOT_READY: Number, "agentsWrapUpNotReady";
        /// Agents who wrap up, Ready after it.
        AGENTS_WRAP_UP_READY: Number, "agentsWrapUpReady";
    }
}

shape! {
    /// A queue.
    Queue = "Queue" {
        /// Where this object is.
        URI: Text, "uri";
        /// Its id.
        ID: Text, "id";
        /// Its name.
        NAME: Text, "name";
        /// Its figures.
        STATISTICS: Object(Statistics::SHAPE), "statistics";
    }
}
