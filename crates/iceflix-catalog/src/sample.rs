//! Large catalogues for benches and tests: titles as file names are, of several scripts, the same ones at every call.

use fastrand::Rng;
use iceflix_database::{Database, Durability, Location};
use sqlx::AssertSqlSafe;

use crate::store::{Error, SCHEMA};

/// So many titles are added by one statement.
const TOGETHER: usize = 200;

/// Where the numbers begin that stand for chance.
const SEED: u64 = 1895;

const WORDS: [&str; 60] = [
    "night",
    "river",
    "last",
    "return",
    "house",
    "king",
    "dark",
    "star",
    "city",
    "winter",
    "blood",
    "summer",
    "love",
    "stranger",
    "island",
    "road",
    "secret",
    "garden",
    "war",
    "dream",
    "silent",
    "mountain",
    "red",
    "daughter",
    "wolf",
    "golden",
    "storm",
    "letter",
    "shadow",
    "empire",
    "niño",
    "camión",
    "corazón",
    "sueño",
    "año",
    "straße",
    "schloß",
    "über",
    "mädchen",
    "größe",
    "οδός",
    "νύχτα",
    "θάλασσα",
    "όνειρο",
    "ışık",
    "istanbul",
    "güneş",
    "kırmızı",
    "брат",
    "зеркало",
    "война",
    "солярис",
    "七人",
    "侍",
    "千と千尋",
    "神隠し",
    "été",
    "château",
    "amélie",
    "forêt",
];

const QUALITY: [&str; 6] = ["", " 720p", " 1080p", " 2160p", " WEB-DL", " Remastered"];

const GENRES: [&str; 20] = [
    "drama",
    "comedy",
    "thriller",
    "documentary",
    "horror",
    "animation",
    "crime",
    "romance",
    "adventure",
    "family",
    "science fiction",
    "mystery",
    "history",
    "music",
    "war",
    "western",
    "film noir",
    "short",
    "sport",
    "silent",
];

/// The title with this number: a name, and five tags.
///
/// A name has two to five words, the first of [`WORDS`] more often than the last, invented ones among them, and mostly a
/// year, an episode or a quality. A fifth of the titles bears the commonest tag; of a title's tags two are of a few
/// dozen, and three of tens of thousands.
pub fn title(number: u64) -> (String, Vec<String>) {
    let mut chance = Rng::with_seed(SEED ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut words: Vec<String> = (0..chance.usize(2..=5))
        .map(|_| word(&mut chance))
        .collect();
    if chance.u8(0..10) < 3 {
        words.push(format!("S{:02}E{:02}", chance.u8(1..12), chance.u8(1..24)));
    }
    if chance.bool() {
        words.push(format!("({})", chance.u16(1920..2026)));
    }
    let quality = QUALITY[chance.usize(..QUALITY.len())];
    let name = words.join(" ") + quality;

    let genre = |chance: &mut Rng| GENRES[rare(chance, GENRES.len())].to_owned();
    let tags = vec![
        genre(&mut chance),
        format!("{}s", chance.u16(192..203) * 10),
        format!("director {}", rare(&mut chance, 20_000)),
        format!("actor {}", rare(&mut chance, 50_000)),
        format!("place {}", rare(&mut chance, 5_000)),
    ];
    (name, tags)
}

/// Makes a database of so many titles, of which each has the name and the tags of its [`title`] and its [`id`].
///
/// # Errors
///
/// Where the database fails, or has such titles already.
pub async fn fill(location: &Location, titles: u64) -> Result<(), Error> {
    let database = Database::open(location, &SCHEMA, Durability::Process).await?;
    let failed = database.failed("filling it");
    let mut edit = database.write().await?;
    let numbers: Vec<u64> = (0..titles).collect();
    for numbers in numbers.chunks(TOGETHER) {
        let rows: Vec<_> = (0..numbers.len())
            .map(|n| format!("(${}, ${}, ${})", 3 * n + 1, 3 * n + 2, 3 * n + 3))
            .collect();
        let statement = format!(
            "INSERT INTO titles (id, name, tags) VALUES {}",
            rows.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for number in numbers {
            let (name, tags) = title(*number);
            query = query.bind(id(*number)).bind(name).bind(tags.join("\n"));
        }
        query.execute(&mut *edit).await.map_err(&failed)?;
    }
    database.commit(edit).await?;
    database.close().await;
    Ok(())
}

/// The media id of the title with this number.
pub fn id(number: u64) -> String {
    // Spread, as the digests of files are.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{spread:016x}{number:048x}")
}

/// A number below `end`, small ones far more often.
fn rare(chance: &mut Rng, end: usize) -> usize {
    let share = chance.f64();
    ((share * share * share * end as f64) as usize).min(end - 1)
}

fn word(chance: &mut Rng) -> String {
    const SYLLABLES: [&str; 24] = [
        "ka", "ro", "mi", "sen", "tal", "ver", "dor", "li", "na", "gar", "bel", "tho", "ru", "esh",
        "vin", "mar", "qui", "zo", "ha", "per", "ul", "ce", "fi", "jo",
    ];
    let text: String = if chance.u8(0..10) < 6 {
        WORDS[rare(chance, WORDS.len())].to_owned()
    } else {
        (0..chance.usize(2..=4))
            .map(|_| SYLLABLES[chance.usize(..SYLLABLES.len())])
            .collect()
    };
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
