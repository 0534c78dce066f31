/** Data from files: tables, folders of images and of texts, data sets that are fetched. */
module dev.fluxion.files {
    requires transitive dev.fluxion.dsl;
    requires java.desktop;

    exports dev.fluxion.files;
}
