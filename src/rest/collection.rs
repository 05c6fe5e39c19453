//! Collections of resources: whole, or one item after another.

use core::fmt;
use core::marker::PhantomData;
use std::vec::Vec;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::read::{FieldOf, Item, Reading, RefusedResource, Resource, read_field};
use super::resources::{Link, Links};

/// A collection of resources: an array, an object with `items` (a page), or one resource by itself.
///
/// An item that is no such resource is an error in its own place, and costs no other.
///
/// ```
/// use csp_multichannel::rest::{Collection, TransferEligibility};
///
/// let json = r#"[{"id": "548FA265", "isEligible": true}, {"Id": 17}, {"id": "E2A3AEB3", "isEligible": false}]"#;
/// let collection: Collection<TransferEligibility> = serde_json::from_str(json)?;
/// assert_eq!(collection.items.iter().filter_map(|item| item.as_ref().ok()).count(), 2);
/// assert_eq!(
///     collection.items[1].as_ref().unwrap_err().to_string(),
///     "`id` of the TransferEligibility is 17, expected a string",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection<T> {
    /// The items, in order.
    pub items: Vec<Result<T, RefusedResource>>,
    /// What else the page says.
    pub page: Page,
}

impl<'de, T: Resource> Deserialize<'de> for Collection<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = Vec::new();
        let page = read_each(deserializer, |item| {
            items.push(item);
            Ok::<(), &str>(())
        })?;
        Ok(Self { items, page })
    }
}

/// What a page says beside its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// How many items there are on all pages.
    pub total_count: Option<u64>,
    /// Its links.
    pub links: Option<Links>,
}

impl Page {
    /// Where the next page is, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<&Link> {
        self.links.as_ref()?.next.as_ref()
    }
}

/// Reads a collection as [`Collection`] does, handing over each item as soon as it is read: in constant memory.
///
/// # Errors
///
/// The format's own, and what `each` returns as an error, which ends the reading.
///
/// ```
/// use csp_multichannel::rest::{Subscription, read_each};
///
/// let json = r#"{"items": [{"id": "83ef9d05"}, {"id": "a356ac8c"}], "links": {"next": {"uri": "/subscriptions?page=2"}}}"#;
/// let mut ids = Vec::new();
/// let page = read_each(&mut serde_json::Deserializer::from_str(json), |item| {
///     item.map(|subscription: Subscription| ids.push(subscription.id))
/// })?;
/// assert_eq!(ids, ["83ef9d05", "a356ac8c"]);
/// assert!(page.next().is_some());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn read_each<'de, T: Resource, D: Deserializer<'de>, E: fmt::Display>(
    deserializer: D,
    each: impl FnMut(Result<T, RefusedResource>) -> Result<(), E>,
) -> Result<Page, D::Error> {
    deserializer.deserialize_any(Each { each, item: PhantomData })
}

struct Each<F, T> {
    each: F,
    item: PhantomData<T>,
}

impl<'de, T: Resource, E: fmt::Display, F> Visitor<'de> for Each<F, T>
where
    F: FnMut(Result<T, RefusedResource>) -> Result<(), E>,
{
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {0}, a list of them, or an object with such a list as `items`", T::NAME)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Page, A::Error> {
        while let Some(item) = items.next_element_seed(Item(PhantomData))? {
            (self.each)(item).map_err(A::Error::custom)?;
        }
        Ok(Page::default())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Page, A::Error> {
        let mut page = Page::default();
        let mut wrong = Ok(());
        let mut is_page = false;
        // The fields of a resource that stands by itself, until something says that it is a page.
        let mut alone = Reading::<T>::default();
        while let Some(name) = entries.next_key_seed(PageField::<T>(PhantomData))? {
            let read = match name {
                Name::Items => {
                    is_page = true;
                    entries.next_value_seed(&mut self)?;
                    Ok(())
                }
                Name::TotalCount => {
                    is_page = true;
                    read_field(PAGE, TOTAL_COUNT, &mut page.total_count, &mut entries)?
                }
                // Of the page, or of a resource alone: which of them shows later.
                Name::Links => {
                    let owner = if is_page { PAGE } else { T::NAME };
                    let read = read_field(owner, LINKS, &mut page.links, &mut entries)?;
                    if let (Err(wrong), true) = (&read, alone.links().is_some()) {
                        alone.fail(wrong.clone());
                    }
                    read
                }
                Name::Of(position) => alone.read(position, &mut entries).map(Ok)?,
                Name::Other => entries.next_value::<IgnoredAny>().map(|_| Ok(()))?,
            };
            wrong = wrong.and(read);
        }
        if is_page {
            // The page itself is no item that could be refused.
            wrong.map_err(A::Error::custom)?;
        } else {
            if let Some(links) = alone.links() {
                *links = page.links.take();
            }
            (self.each)(alone.finish()).map_err(A::Error::custom)?;
        }
        Ok(page)
    }
}

/// The list of items in a page.
impl<'de, T: Resource, E: fmt::Display, F> DeserializeSeed<'de> for &mut Each<F, T>
where
    F: FnMut(Result<T, RefusedResource>) -> Result<(), E>,
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Items<'e, F, T>(&'e mut Each<F, T>);

        impl<'de, T: Resource, E: fmt::Display, F> Visitor<'de> for Items<'_, F, T>
        where
            F: FnMut(Result<T, RefusedResource>) -> Result<(), E>,
        {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "`{ITEMS}` as a list of {}", T::NAME)
            }

            fn visit_unit<R>(self) -> Result<(), R> {
                Ok(())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
                Each { each: &mut self.0.each, item: PhantomData::<T> }.visit_seq(items).map(drop)
            }
        }

        deserializer.deserialize_any(Items(self))
    }
}

/// How errors name a page, and its fields.
const PAGE: &str = "page";
const ITEMS: &str = "items";
const TOTAL_COUNT: &str = "totalCount";
const LINKS: &str = "links";

/// The name of a field of a page, or of a resource that stands by itself.
enum Name {
    Items,
    TotalCount,
    /// Of either.
    Links,
    /// Of the resource, at a position of its fields.
    Of(usize),
    Other,
}

struct PageField<T>(PhantomData<T>);

impl<'de, T: Resource> DeserializeSeed<'de> for PageField<T> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<T: Resource> Visitor<'_> for PageField<T> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        for (field, known) in [(ITEMS, Name::Items), (TOTAL_COUNT, Name::TotalCount), (LINKS, Name::Links)] {
            if field.eq_ignore_ascii_case(name) {
                return Ok(known);
            }
        }
        Ok(FieldOf(T::FIELDS).visit_str::<E>(name)?.map_or(Name::Other, Name::Of))
    }
}
