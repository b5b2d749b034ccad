//! The catalogue in real databases, SQLite and PostgreSQL alike: what is kept, found, and refused.

mod place;

mod edits;
mod faults;
mod outside;
mod searches;
mod sharing;
mod steps;
mod titles;
