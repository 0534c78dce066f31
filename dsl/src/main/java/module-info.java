/** Layers, losses, optimizers, models: what a program imports. */
module dev.fluxion.dsl {
    requires transitive dev.fluxion.engine;
    requires org.slf4j;

    exports dev.fluxion.dsl;
    exports dev.fluxion.dsl.layer;
    exports dev.fluxion.dsl.loss;
    exports dev.fluxion.dsl.metric;
    exports dev.fluxion.dsl.optim;
    exports dev.fluxion.dsl.train;
}
