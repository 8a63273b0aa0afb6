//! A simulated Cisco Finesse pair to develop and test against.
