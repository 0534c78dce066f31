/**
 * Data from files: tables of CSV files with categories and missing values, folders of images and of texts with a folder for each class,
 * and the usual data sets, fetched when that is asked for. What they make are the data sets of {@link dev.fluxion.data}.
 */
@NullMarked
package dev.fluxion.files;

import org.jspecify.annotations.NullMarked;
