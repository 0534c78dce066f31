/** Expressions, their meaning and derivatives, contracts and data. */
module dev.fluxion.api {
    requires static transitive org.jspecify;

    exports dev.fluxion;
    exports dev.fluxion.check;
    exports dev.fluxion.data;
    exports dev.fluxion.ir;
    exports dev.fluxion.ir.fn;
    exports dev.fluxion.ir.open;
}
