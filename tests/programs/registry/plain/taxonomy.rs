//! Categories and keywords.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

/// A category and all below it.
pub(crate) async fn categories_below(
    conn: &mut AsyncPgConnection,
    path: &str,
) -> QueryResult<Vec<Category>> {
    let below = categories::path.like(format!("{path}.%"));
    Category::query()
        .filter(categories::path.eq(path).or(below))
        .order(categories::path)
        .load(conn)
        .await
}

/// A category's ancestors, from the top, and itself.
pub(crate) async fn categories_above(
    conn: &mut AsyncPgConnection,
    path: &str,
) -> QueryResult<Vec<Category>> {
    Category::query()
        .filter(categories::path.eq_any(ancestors(path)))
        .order(categories::path)
        .load(conn)
        .await
}

/// The paths that begin a path: `"a.b.c"` has `"a"`, `"a.b"` and itself.
pub(crate) fn ancestors(path: &str) -> Vec<&str> {
    let dots = path.match_indices('.').map(|(at, _)| &path[..at]);
    dots.chain([path]).collect()
}

pub(crate) async fn popular_keywords(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Keyword>> {
    Keyword::query()
        .order((keywords::packages_count.desc(), keywords::word))
        .limit(limit)
        .load(conn)
        .await
}

/// The keywords of each package.
pub(crate) async fn keywords_of(
    conn: &mut AsyncPgConnection,
    ids: &[PackageId],
) -> QueryResult<Vec<(Package, Vec<Keyword>)>> {
    let packages = super::packages_by_ids(conn, ids).await?;
    let rows: Vec<(PackageKeyword, Keyword)> = PackageKeyword::belonging_to(&packages)
        .inner_join(keywords::table)
        .order(keywords::id)
        .select((PackageKeyword::as_select(), Keyword::as_select()))
        .load(conn)
        .await?;
    let words = rows.grouped_by(&packages).into_iter();
    let words = words.map(|rows| rows.into_iter().map(|(_, keyword)| keyword).collect());
    Ok(packages.into_iter().zip(words).collect())
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
    diesel::delete(packages_keywords::table)
        .filter(packages_keywords::package_id.eq(package))
        .execute(conn)
        .await?;
    let ids: Vec<KeywordId> = keywords::table
        .filter(keywords::word.eq_any(words))
        .order(keywords::id)
        .select(keywords::id)
        .load(conn)
        .await?;
    let links = ids.into_iter().map(|keyword_id| PackageKeyword {
        package_id: package,
        keyword_id,
    });
    diesel::insert_into(packages_keywords::table)
        .values(links.collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_categories(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    paths: &[&str],
) -> QueryResult<Vec<PackageCategory>> {
    diesel::delete(packages_categories::table)
        .filter(packages_categories::package_id.eq(package))
        .execute(conn)
        .await?;
    let ids: Vec<CategoryId> = categories::table
        .filter(categories::path.eq_any(paths))
        .order(categories::id)
        .select(categories::id)
        .load(conn)
        .await?;
    let links = ids.into_iter().map(|category_id| PackageCategory {
        package_id: package,
        category_id,
    });
    diesel::insert_into(packages_categories::table)
        .values(links.collect::<Vec<_>>())
        .returning(PackageCategory::as_returning())
        .get_results(conn)
        .await
}

/// Puts a category elsewhere in the tree, with all below it.
pub(crate) async fn move_category(
    conn: &mut AsyncPgConnection,
    from: &str,
    to: &str,
) -> QueryResult<usize> {
    diesel::sql_query(
        "UPDATE categories SET path = $2 || substr(path, length($1) + 1) \
         WHERE path = $1 OR starts_with(path, $1 || '.')",
    )
    .bind::<diesel::sql_types::Text, _>(from)
    .bind::<diesel::sql_types::Text, _>(to)
    .execute(conn)
    .await
}
