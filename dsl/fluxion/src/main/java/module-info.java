/** All of Fluxion that a program imports. */
module dev.fluxion {
    requires transitive dev.fluxion.dsl;
}
