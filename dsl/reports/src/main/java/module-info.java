/** Records of trainings: folders of runs that can be compared, reports, files for TensorBoard. */
module dev.fluxion.reports {
    requires transitive dev.fluxion.dsl;

    exports dev.fluxion.reports;
}
