//! Instants as the records write them, for `#[serde(with = "csp_multichannel::rfc3339")]`.
//!
//! RFC 3339 in UTC with `Z`, and a fraction without trailing zeros where there is one.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Answer {
//!     #[serde(with = "csp_multichannel::rfc3339")]
//!     as_of: DateTime<Utc>,
//!     #[serde(default, with = "csp_multichannel::rfc3339::option")]
//!     until: Option<DateTime<Utc>>,
//! }
//!
//! let answer: Answer = serde_json::from_str(r#"{"as_of":"2018-09-15T02:00:00.50+02:00"}"#)?;
//! assert_eq!(serde_json::to_string(&answer)?, r#"{"as_of":"2018-09-15T00:00:00.5Z","until":null}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```

use chrono::{DateTime, Utc};
use serde::de::{DeserializeSeed, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::instant::Rfc3339;
use crate::json::instant;

/// Writes an instant.
///
/// # Errors
///
/// That of the format, and for years before 0 or after 9999.
pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    Rfc3339(*at).serialize(serializer)
}

/// Reads an instant.
///
/// # Errors
///
/// That of the format, and for any other text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    instant("instant").deserialize(deserializer)
}

/// The same for an instant that can be absent.
pub mod option {
    use chrono::{DateTime, Utc};
    use serde::de::{DeserializeSeed, Deserializer};
    use serde::ser::{Serialize, Serializer};

    use crate::instant::Rfc3339;
    use crate::json::{OrNull, instant};

    /// Writes an instant, or `null`.
    ///
    /// # Errors
    ///
    /// As [`serialize`](super::serialize).
    pub fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Rfc3339).serialize(serializer)
    }

    /// Reads an instant, or `null` as `None`.
    ///
    /// # Errors
    ///
    /// As [`deserialize`](super::deserialize).
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        OrNull(instant("instant")).deserialize(deserializer)
    }
}
