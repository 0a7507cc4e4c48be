/* A library that is not there when the plugin is. */
void of_an_absent_library(void);
void of_an_absent_library(void) {}
