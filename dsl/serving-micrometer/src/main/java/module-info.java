/** Micrometer meters of models in a service. Micrometer names its module in its manifest. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.fluxion.serving.micrometer {
    requires transitive dev.fluxion.serving;
    requires transitive micrometer.core;

    exports dev.fluxion.serving.micrometer;
}
