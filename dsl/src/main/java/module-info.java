/** Layers, losses, optimizers, models: what a program imports. */
@SuppressWarnings("module") // reports are compiled later
module dev.fluxion.dsl {
    requires transitive dev.fluxion.engine;
    requires jdk.jfr;
    requires org.slf4j;

    exports dev.fluxion.dsl;
    exports dev.fluxion.dsl.internal to
            dev.fluxion.reports;
    exports dev.fluxion.dsl.layer;
    exports dev.fluxion.dsl.lint;
    exports dev.fluxion.dsl.loss;
    exports dev.fluxion.dsl.metric;
    exports dev.fluxion.dsl.optim;
    exports dev.fluxion.dsl.train;
}
