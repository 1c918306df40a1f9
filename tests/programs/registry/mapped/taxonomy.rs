//! Categories and keywords.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::plain::ancestors;
use super::super::schema::*;

/// A category and all below it.
pub(crate) async fn categories_below(
    conn: &mut AsyncPgConnection,
    path: &str,
) -> QueryResult<Vec<Arc<Category>>> {
    let below = categories::path.like(format!("{path}.%"));
    Category::cached()
        .filter(categories::path.eq(path).or(below))
        .order(categories::path)
        .load(conn)
        .await
}

/// A category's ancestors, from the top, and itself.
pub(crate) async fn categories_above(
    conn: &mut AsyncPgConnection,
    path: &str,
) -> QueryResult<Vec<Arc<Category>>> {
    Category::cached()
        .filter(categories::path.eq_any(ancestors(path)))
        .order(categories::path)
        .load(conn)
        .await
}

pub(crate) async fn popular_keywords(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Arc<Keyword>>> {
    Keyword::cached()
        .order((keywords::packages_count.desc(), keywords::word))
        .limit(limit)
        .load(conn)
        .await
}

/// The keywords of each package.
pub(crate) async fn keywords_of(
    conn: &mut AsyncPgConnection,
    ids: &[PackageId],
) -> QueryResult<Vec<(Arc<Package>, Vec<Arc<Keyword>>)>> {
    let packages = super::packages_by_ids(conn, ids).await?;
    let mut keywords = packages
        .load_through::<PackageKeyword, Keyword>(conn)
        .await?;
    for words in &mut keywords {
        words.sort_by_key(|word| word.id);
    }
    Ok(packages.into_iter().zip(keywords).collect())
}

pub(crate) async fn set_keywords(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    words: &[&str],
) -> QueryResult<()> {
    let new: Vec<_> = words.iter().map(|word| keywords::word.eq(*word)).collect();
    diesel::insert_into(keywords::table)
        .values(new)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    PackageKeyword::cached()
        .filter(packages_keywords::package_id.eq(package))
        .delete_all(conn)
        .await?;
    let keywords = Keyword::cached()
        .filter(keywords::word.eq_any(words))
        .order(keywords::id)
        .load(conn)
        .await?;
    let links = keywords.iter().map(|keyword| PackageKeyword {
        package_id: package,
        keyword_id: keyword.id,
    });
    let links = links.collect::<Vec<_>>();
    PackageKeyword::cached().insert_many(links, conn).await?;
    Ok(())
}

pub(crate) async fn set_categories(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    paths: &[&str],
) -> QueryResult<Vec<Arc<PackageCategory>>> {
    PackageCategory::cached()
        .filter(packages_categories::package_id.eq(package))
        .delete_all(conn)
        .await?;
    let categories = Category::cached()
        .filter(categories::path.eq_any(paths))
        .order(categories::id)
        .load(conn)
        .await?;
    let links = categories.iter().map(|category| PackageCategory {
        package_id: package,
        category_id: category.id,
    });
    let links = links.collect::<Vec<_>>();
    PackageCategory::cached().insert_many(links, conn).await
}

/// Puts a category elsewhere in the tree, with all below it.
pub(crate) async fn move_category(
    conn: &mut AsyncPgConnection,
    from: &str,
    to: &str,
) -> QueryResult<usize> {
    let below = categories::path.like(format!("{from}.%"));
    let moved = Category::cached().filter(categories::path.eq(from).or(below));
    let moved = moved.load(conn).await?;
    let mut changed = Vec::new();
    for category in &moved {
        let path = format!("{to}{}", &category.path[from.len()..]);
        let change = Category::cached().update(category, categories::path.eq(path), conn);
        changed.push(change.await?);
    }
    Ok(changed.len())
}
