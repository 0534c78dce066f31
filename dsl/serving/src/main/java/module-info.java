/** Models in a service: requests of many callers in batches, models replaced under load. */
@SuppressWarnings("module") // the servers are compiled later
module dev.fluxion.serving {
    requires transitive dev.fluxion.dsl;
    requires jdk.jfr;
    requires org.slf4j;

    exports dev.fluxion.serving;
    exports dev.fluxion.serving.protocol to
            dev.fluxion.serving.grpc,
            dev.fluxion.serving.http;
}
