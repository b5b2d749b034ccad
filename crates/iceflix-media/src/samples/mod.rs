//! Three short films for those who have none at hand.
