//! The Catalogue service: titles, tags, and who has them.
