/** Models in a service: requests of many callers in batches, models replaced under load. */
module dev.fluxion.serving {
    requires transitive dev.fluxion.dsl;
    requires jdk.jfr;
    requires org.slf4j;

    exports dev.fluxion.serving;
}
